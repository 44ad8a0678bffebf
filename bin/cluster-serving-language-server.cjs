#!/usr/bin/env node
'use strict';
require('../dist/languageServer.cjs');
