#!/usr/bin/env node
'use strict';
require('../dist/http.cjs');
