package servings.flink.queue;

import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocketFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import servings.flink.JobSpec;

/** One connection that is made anew whenever it is lost or silent. A command that fails so is not repeated here: only its
 *  caller knows whether it may be. Threads wait for each other, except in {@link #close}. */
public final class RedisLink implements AutoCloseable {
  private final JobSpec.RedisSpec where;
  private volatile Connection connection;
  private volatile boolean isClosed;
  private int connections;

  public RedisLink(JobSpec.RedisSpec where) {
    this.where = where;
  }

  /** How often the connection was made again. */
  public int reconnects() {
    return Math.max(0, connections - 1);
  }

  /** @param patienceMs  after which a connection that does not answer is given up
   *  @throws RedisTrouble when the connection is lost or Redis is not itself
   *  @throws JedisDataException for Redis's other error replies */
  synchronized Object call(int patienceMs, Protocol.Command command, byte[]... arguments) {
    try {
      Connection live = connect();
      live.setSoTimeout(patienceMs);
      live.sendCommand(command, arguments);
      return live.getOne();
    } catch (JedisConnectionException error) {
      drop();
      throw new RedisTrouble(error);
    } catch (JedisDataException error) {
      String message = String.valueOf(error.getMessage());
      if (!message.matches("(?s)(LOADING|READONLY|MASTERDOWN|MISCONF|NOREPLICAS|OOM|NOPERM|BUSY ).*|.*user executing the script.*")) throw error;
      // Another connection would be to the same Redis, and it would be as full.
      if (!message.startsWith("OOM")) drop();
      throw new RedisTrouble(error);
    }
  }

  Object call(Protocol.Command command, byte[]... arguments) {
    return call(where.timeoutMs, command, arguments);
  }

  /** @param keysAndArguments  the keys first */
  Object run(Script script, int keys, byte[]... keysAndArguments) {
    byte[][] all = new byte[keysAndArguments.length + 2][];
    System.arraycopy(keysAndArguments, 0, all, 2, keysAndArguments.length);
    all[0] = script.sha;
    all[1] = bytes(keys);
    try {
      return call(Protocol.Command.EVALSHA, all);
    } catch (JedisDataException error) {
      if (!String.valueOf(error.getMessage()).startsWith("NOSCRIPT")) throw error;
      all[0] = script.text;
      return call(Protocol.Command.EVAL, all);
    }
  }

  /** The newer setting for TLS takes files only, and the trust store came as bytes. */
  @SuppressWarnings("deprecation")
  private Connection connect() {
    Connection known = connection;
    if (known != null) return known;
    requireOpen();
    SSLSocketFactory sockets = where.tls == null ? null : TrustStores.sockets(where.tls);
    DefaultJedisClientConfig.Builder config =
        DefaultJedisClientConfig.builder()
            .connectionTimeoutMillis(where.timeoutMs)
            .socketTimeoutMillis(where.timeoutMs)
            .user(where.username)
            .password(where.password)
            .ssl(sockets != null);
    if (sockets != null) config.sslSocketFactory(sockets);
    Connection made = new Connection(new HostAndPort(where.host, where.port), config.build());
    made.connect();
    connections++;
    connection = made;
    // An end that came meanwhile found no connection to drop.
    requireOpen();
    return made;
  }

  private void requireOpen() {
    if (!isClosed) return;
    drop();
    throw new RedisTrouble(new IllegalStateException("closed"));
  }

  private void drop() {
    Connection dropped = connection;
    connection = null;
    if (dropped == null) return;
    try {
      dropped.disconnect();
    } catch (RuntimeException ignored) {
      // It is lost already.
    }
  }

  /** Also wakes a thread that waits for an answer. */
  @Override
  public void close() {
    isClosed = true;
    drop();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] bytes(long number) {
    return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
  }

  static String text(Object reply) {
    return new String((byte[]) reply, StandardCharsets.UTF_8);
  }
}
