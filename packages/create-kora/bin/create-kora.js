#!/usr/bin/env node
// The command as it is linked: it must be there when packages are linked, before anything is built.
import '../dist/bin.js';
