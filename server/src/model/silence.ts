/** ONNX Runtime reports its use to its makers unless this is set; Cluster Serving sends no telemetry, so it must not either.
 *  Imported first by each program that loads it, in its main thread: native code does not see what a thread sets. */
process.env.ORT_DISABLE_TELEMETRY = '1';
