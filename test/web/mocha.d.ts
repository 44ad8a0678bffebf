/** The build of mocha for browsers, which makes `mocha` a global. */
declare module 'mocha/mocha';
