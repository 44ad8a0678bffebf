#!/usr/bin/env node
'use strict';
import('../dist/http.mjs');
