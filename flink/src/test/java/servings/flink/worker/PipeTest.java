package servings.flink.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipeTest {
  private static Pipe reading(byte[] bytes) {
    return new Pipe(new ByteArrayInputStream(bytes), OutputStream.nullOutputStream());
  }

  private static byte[] written(Message... messages) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Message message : messages) message.writeTo(out);
    return out.toByteArray();
  }

  @Test
  void messagesAreReadAsTheyWereWritten() throws IOException {
    byte[] odd = {1, 0, -1, '\r', '\n'};
    byte[] large = new byte[100_000];
    Pipe pipe = reading(written(Message.of("log", 2).add("wörd").add(odd), Message.of("big", 1).add(large)));
    List<byte[]> first = pipe.read();
    assertEquals("log", new String(first.get(0), UTF_8));
    assertEquals("wörd", new String(first.get(1), UTF_8));
    assertArrayEquals(odd, first.get(2));
    assertEquals(large.length, pipe.read().get(1).length);
    assertNull(pipe.read());
  }

  @Test
  void numbersAndArraysStandAsRedisWritesThem() throws IOException {
    byte[] bytes = written(Message.of("records", 1).array(1).add(-1L).add(1024L));
    assertEquals("*2\r\n$7\r\nrecords\r\n*1\r\n:-1\r\n:1024\r\n", new String(bytes, 4, bytes.length - 4, UTF_8));
    assertEquals(bytes.length - 4, bytes[3]);
  }

  @Test
  void aProcessThatDiesWithinAMessageHasEnded() throws IOException {
    byte[] bytes = written(Message.of("log", 1).add("text"));
    assertNull(reading(java.util.Arrays.copyOf(bytes, bytes.length - 3)).read());
  }

  @Test
  void whatIsNoMessageIsAnError() {
    assertThrows(IOException.class, () -> reading(new byte[] {-1, 0, 0, 0}).read());
    assertThrows(IOException.class, () -> reading("\0\0\0\4text".getBytes(UTF_8)).read());
  }

  /** A whole frame around what is no message. */
  private static byte[] framed(String content) {
    byte[] inner = content.getBytes(UTF_8);
    return ByteBuffer.allocate(4 + inner.length).putInt(inner.length).put(inner).array();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*1\r\n",
        "*1\r\n$",
        "*1\r\n$5\r\nab\r\n",
        "*1\r\n$2147483647\r\nab\r\n",
        "*1\r\n$9999999999\r\nab\r\n",
        "*1\r\n$-1\r\n",
        "*1\r\n$a\r\nb\r\n",
        "*1\r\n:5\r\n",
        "*2\r\n$1\r\na\r\n",
        "*2147483647\r\n",
        "*4294967295\r\n",
        "*-1\r\n",
        "*1",
        // Numbers that fit only modulo 2^32 or 2^64.
        "*4294967297\r\n$1\r\na\r\n",
        "*1\r\n$4294967297\r\na\r\n",
        "*1\r\n$18446744073709551617\r\na\r\n",
        // An item that ends elsewhere than it says.
        "*1\r\n$1\r\nabc\r\n",
        "*1\r\n$1\r\na",
        "*2\r\n$1\r\na--$1\r\nb\r\n",
        "*1\r-$1\r\na\r\n",
        "$3\r\nabc\r\n",
        "Segmentation fault",
        "\u0000\u0000\u0000\u0000",
      })
  void whateverStandsInAFrameIsAMessageOrAnError(String content) {
    assertThrows(IOException.class, () -> reading(framed(content)).read());
  }

  @Test
  void bytesThatChangeOnTheWayNeverBreakTheReader() throws IOException {
    byte[] whole = written(Message.of("records", 2).add("text").add(new byte[] {1, 2, 3}));
    Random random = new Random(7);
    for (int round = 0; round < 5_000; round++) {
      byte[] bytes = whole.clone();
      bytes[4 + random.nextInt(bytes.length - 4)] = (byte) random.nextInt(256);
      try {
        // What was no part of the form still is a message of its own.
        assertTrue(reading(bytes).read().size() <= 3);
      } catch (IOException error) {
        assertTrue(error.getMessage().startsWith("what a worker wrote is no message"), error.getMessage());
      }
    }
  }

  @Test
  void messagesMayBeEmptyOrHoldEmptyItems() throws IOException {
    Pipe pipe = reading(written(Message.of("", 0), Message.of("a", 1).add("")));
    assertEquals(1, pipe.read().size());
    assertArrayEquals(new byte[0], pipe.read().get(1));
    assertNull(pipe.read());
  }

  @Test
  void aStreamThatEndsAnywhereEndsQuietly() throws IOException {
    byte[] whole = written(Message.of("log", 1).add("text"));
    for (int length = 0; length < whole.length; length++)
      assertNull(reading(Arrays.copyOf(whole, length)).read(), "after " + length + " bytes");
  }

  @Test
  void manyThreadsWriteWholeMessages() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Pipe pipe = new Pipe(new ByteArrayInputStream(new byte[0]), out);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> writes = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      byte[] item = new byte[i * 37];
      Arrays.fill(item, (byte) i);
      writes.add(threads.submit(() -> {
        pipe.write(Message.of("one", 1).add(item));
        return null;
      }));
    }
    for (Future<?> write : writes) write.get();
    threads.shutdown();
    Pipe read = reading(out.toByteArray());
    int count = 0;
    for (List<byte[]> message = read.read(); message != null; message = read.read()) {
      byte[] item = message.get(1);
      for (byte one : item) assertEquals((byte) (item.length / 37), one);
      count++;
    }
    assertEquals(200, count);
  }
}
