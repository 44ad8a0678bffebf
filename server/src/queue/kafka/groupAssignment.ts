/** The partitions of a topic that a member of a group has, from the bytes that the group's leader has written for it.
 *  @see ConsumerProtocolAssignment in the sources of Kafka: version, then topics with their partitions; whatever else it is,
 *    no partitions come of it */
export function assignedTo(assignment: Buffer | null | undefined, topic: string): readonly number[] {
  const bytes = assignment ?? Buffer.alloc(0);
  let at = 2;
  const partitions: number[] = [];
  try {
    for (let topics = int32(); topics > 0; topics -= 1) {
      const length = bytes.readInt16BE(at);
      const name = bytes.toString('utf8', at + 2, at + 2 + length);
      at += 2 + length;
      for (let count = int32(); count > 0; count -= 1) {
        const partition = int32();
        if (name === topic) partitions.push(partition);
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [];
  }
  return partitions.sort((a, b) => a - b);

  function int32(): number {
    at += 4;
    return bytes.readInt32BE(at - 4);
  }
}
