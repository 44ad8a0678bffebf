package servings.flink.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

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
}
