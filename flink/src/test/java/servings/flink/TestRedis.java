package servings.flink;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** A Redis server of a test's own, on a free port of loopback. */
public final class TestRedis {
  private static final long PATIENCE_MS = 30_000;

  public final int port;
  private final Process server;
  private Connection connection;

  public TestRedis() throws IOException, InterruptedException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path folder = Files.createTempDirectory("redis");
    server =
        new ProcessBuilder(
                "redis-server", "--port", String.valueOf(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    eventually("Redis answers", () -> connects() ? true : null);
  }

  private boolean connects() {
    try {
      connection = new Connection("127.0.0.1", port);
      connection.connect();
      return true;
    } catch (JedisConnectionException error) {
      return false;
    }
  }

  public Object call(Protocol.Command command, String... arguments) {
    connection.sendCommand(command, arguments);
    return connection.getOne();
  }

  /** The text of a reply, null if there is none. */
  public String text(Protocol.Command command, String... arguments) {
    byte[] reply = (byte[]) call(command, arguments);
    return reply == null ? null : new String(reply, java.nio.charset.StandardCharsets.UTF_8);
  }

  /** What is asked for, as soon as it is there. */
  public interface Question<T> {
    /** @return null while it is not there */
    T ask();
  }

  public static <T> T eventually(String what, Question<T> question) throws InterruptedException {
    for (long end = System.currentTimeMillis() + PATIENCE_MS; System.currentTimeMillis() < end; ) {
      T answer = question.ask();
      if (answer != null) return answer;
      TimeUnit.MILLISECONDS.sleep(10);
    }
    throw new AssertionError("never: " + what);
  }

  public void stop() throws InterruptedException {
    if (connection != null) connection.close();
    server.destroy();
    server.waitFor();
  }
}
