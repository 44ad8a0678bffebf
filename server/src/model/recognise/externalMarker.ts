/** How an ONNX model says that the bytes of a tensor are in another file: the entry `location`, as protobuf writes it up to
 *  the length of the file's name. */
export const externalMarker = Buffer.from('\n\x08location\x12', 'latin1');

/** Whether an ONNX file keeps weights in others. */
export function keepsWeightsElsewhere(file: Buffer): boolean {
  return file.includes(externalMarker);
}
