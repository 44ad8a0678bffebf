package servings.flink.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads flatbuffers by hand. The buffer's own checks throw IndexOutOfBoundsException outside of the payload, which
 *  {@link ArrowRecord} turns into the one error for a damaged record. */
final class Flatbuffer {
  private Flatbuffer() {}

  /** Follows the offset stored at {@code at}. */
  static int follow(ByteBuffer bytes, int at) {
    return at + bytes.getInt(at);
  }

  /** Where field number {@code slot} of the table is, or 0 when the writer left it out. */
  static int field(ByteBuffer bytes, int table, int slot) {
    int vtable = table - bytes.getInt(table);
    int entry = 4 + 2 * slot;
    if (entry >= (bytes.getShort(vtable) & 0xffff)) return 0;
    int offset = bytes.getShort(vtable + entry) & 0xffff;
    return offset == 0 ? 0 : table + offset;
  }

  /** Where the table, text or vector in field {@code slot} starts, or 0 when it is absent. */
  static int child(ByteBuffer bytes, int table, int slot) {
    int at = field(bytes, table, slot);
    return at == 0 ? 0 : follow(bytes, at);
  }

  static int byteField(ByteBuffer bytes, int table, int slot) {
    int at = field(bytes, table, slot);
    return at == 0 ? 0 : bytes.get(at) & 0xff;
  }

  static int shortField(ByteBuffer bytes, int table, int slot) {
    int at = field(bytes, table, slot);
    return at == 0 ? 0 : bytes.getShort(at);
  }

  static int intField(ByteBuffer bytes, int table, int slot) {
    int at = field(bytes, table, slot);
    return at == 0 ? 0 : bytes.getInt(at);
  }

  /** The number of entries of {@code size} bytes of the vector; all of them lie in the payload. */
  static int vectorLength(ByteBuffer bytes, int vector, int size) {
    if (vector == 0) return 0;
    int length = bytes.getInt(vector);
    if (length < 0 || vector + 4 + (long) length * size > bytes.limit())
      throw new IndexOutOfBoundsException("a vector is longer than the payload");
    return length;
  }

  static String text(ByteBuffer bytes, int at) {
    if (at == 0) return "";
    byte[] text = new byte[vectorLength(bytes, at, 1)];
    ByteBuffer copy = bytes.duplicate();
    copy.position(at + 4);
    copy.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** A 64-bit size or offset; nothing valid reaches 2 GiB. */
  static int size64(ByteBuffer bytes, int at) {
    long size = bytes.getLong(at);
    if (size < 0 || size > Integer.MAX_VALUE) throw new IndexOutOfBoundsException("a size is larger than the payload");
    return (int) size;
  }
}
