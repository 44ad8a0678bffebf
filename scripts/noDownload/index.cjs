/* The install script of onnxruntime-node downloads libraries for graphics cards from a host that not everybody reaches,
   and fails where it does not. Its first step is this package, which nothing else uses: here the script ends. Serving
   needs nothing of what it would have fetched. `overrides` in package.json puts this folder in the package's place. */
exports.bootstrap = () => process.exit(0);
