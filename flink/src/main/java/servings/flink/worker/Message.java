package servings.flink.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** A message to a worker process while it is put together. */
final class Message {
  private static final int LENGTH_BYTES = 4;

  private byte[] bytes = new byte[1 << 12];
  private int size = LENGTH_BYTES;

  /** @param items  how many follow; the items of an item that is an array do not count */
  static Message of(String name, int items) {
    return new Message().array(1 + items).add(name);
  }

  Message array(int items) {
    return line('*', items);
  }

  Message add(byte[] item) {
    line('$', item.length);
    put(item);
    put(new byte[] {'\r', '\n'});
    return this;
  }

  Message add(String item) {
    return add(item.getBytes(UTF_8));
  }

  Message add(long number) {
    return line(':', number);
  }

  private Message line(char kind, long number) {
    put((kind + Long.toString(number) + "\r\n").getBytes(US_ASCII));
    return this;
  }

  private void put(byte[] more) {
    if (size + more.length > bytes.length) bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more.length));
    System.arraycopy(more, 0, bytes, size, more.length);
    size += more.length;
  }

  void writeTo(OutputStream out) throws IOException {
    int length = size - LENGTH_BYTES;
    for (int i = 0; i < LENGTH_BYTES; i++) bytes[i] = (byte) (length >>> 8 * (LENGTH_BYTES - 1 - i));
    out.write(bytes, 0, size);
  }
}
