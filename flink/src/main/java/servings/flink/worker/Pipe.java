package servings.flink.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Messages between a task and its worker process, as in server/src/queue/pipe: the length of each in four bytes, then an
 *  array as Redis's protocol writes it, whose first item names the message. Any thread may write; one reads. */
final class Pipe implements Closeable {
  private static final int MAX_BYTES = 1 << 30;

  private final DataInputStream in;
  private final OutputStream out;

  Pipe(InputStream in, OutputStream out) {
    this.in = new DataInputStream(new BufferedInputStream(in, 1 << 16));
    this.out = out;
  }

  /** @return the items of the next message, null when the process has ended */
  List<byte[]> read() throws IOException {
    byte[] bytes;
    try {
      int length = in.readInt();
      if (length < 4 || length > MAX_BYTES) throw new IOException("no message of a worker has " + length + " bytes");
      bytes = new byte[length];
      in.readFully(bytes);
    } catch (EOFException error) {
      return null;
    }
    try {
      return new Items(bytes).read();
    } catch (IndexOutOfBoundsException error) {
      throw noMessage(bytes);
    }
  }

  /** Blocks while the process does not read. */
  void write(Message message) throws IOException {
    synchronized (out) {
      message.writeTo(out);
      out.flush();
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  private static IOException noMessage(byte[] bytes) {
    String begin = new String(bytes, 0, Math.min(80, bytes.length), UTF_8);
    return new IOException("what a worker wrote is no message: " + begin);
  }

  /** An array of strings, all there. */
  private static final class Items {
    private final byte[] bytes;
    private int at;

    Items(byte[] bytes) {
      this.bytes = bytes;
    }

    List<byte[]> read() throws IOException {
      int count = number('*');
      // An item takes more than a byte: what claims more items than there is room for is not believed.
      if (count > bytes.length) throw noMessage(bytes);
      List<byte[]> items = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        int length = number('$');
        if (length > bytes.length - at) throw noMessage(bytes);
        byte[] item = new byte[length];
        System.arraycopy(bytes, at, item, 0, length);
        at += length;
        endLine();
        items.add(item);
      }
      return items;
    }

    private int number(char kind) throws IOException {
      if (bytes[at++] != kind) throw noMessage(bytes);
      long value = 0;
      for (; bytes[at] != '\r'; at++) {
        if (bytes[at] < '0' || bytes[at] > '9') throw noMessage(bytes);
        value = value * 10 + bytes[at] - '0';
        if (value > MAX_BYTES) throw noMessage(bytes);
      }
      endLine();
      return (int) value;
    }

    private void endLine() throws IOException {
      if (bytes[at++] != '\r' || bytes[at++] != '\n') throw noMessage(bytes);
    }
  }
}
