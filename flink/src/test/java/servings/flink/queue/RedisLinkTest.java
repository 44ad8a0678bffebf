package servings.flink.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static servings.flink.TestRedis.eventually;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import servings.flink.JobSpec;

@Timeout(120)
class RedisLinkTest {
  private static final int PATIENT_MS = 60_000;

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LOADING Redis is loading the dataset in memory",
        "READONLY You can't write against a read only replica.",
        "MASTERDOWN Link with MASTER is down",
        "MISCONF Redis is configured to save RDB snapshots",
        "NOREPLICAS Not enough good replicas to write.",
        "OOM command not allowed when used memory > 'maxmemory'.",
        "NOPERM this user has no permissions to run the 'xadd' command",
        "BUSY Redis is busy running a script.",
        "ERR The user executing the script can't run this command or subcommand script: f1, on @user_script:1.",
      })
  void aRedisThatIsNotItselfIsWaitedOut(String reply) throws IOException {
    try (ScriptedRedis redis = new ScriptedRedis("-" + reply, ":7");
        RedisLink link = new RedisLink(redis.spec(PATIENT_MS))) {
      RedisTrouble trouble = assertThrows(RedisTrouble.class, () -> link.call(Command.INCR, utf8("a")));
      assertTrue(trouble.getMessage().startsWith(reply.substring(0, 3)), trouble.getMessage());
      assertEquals(7L, link.call(Command.INCR, utf8("a")));
      // Only a Redis that is full would be as full over another connection.
      assertEquals(reply.startsWith("OOM") ? 0 : 1, link.reconnects());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WRONGTYPE Operation against a key holding the wrong kind of value",
        "NOGROUP No such key 'a' or consumer group 'serving'",
        "ERR value is not an integer or out of range",
        "BUSYGROUP Consumer Group name already exists",
        "UNBLOCKED the stream key no longer exists",
      })
  void anErrorOfOneCommandIsItsCallersAndKeepsTheConnection(String reply) throws IOException {
    try (ScriptedRedis redis = new ScriptedRedis("-" + reply, ":7");
        RedisLink link = new RedisLink(redis.spec(PATIENT_MS))) {
      JedisDataException error = assertThrows(JedisDataException.class, () -> link.call(Command.INCR, utf8("a")));
      assertEquals(reply, error.getMessage());
      assertEquals(7L, link.call(Command.INCR, utf8("a")));
      assertEquals(1, redis.connectionCount());
      assertEquals(0, link.reconnects());
    }
  }

  @Test
  void aCommandWhoseConnectionEndsIsNotSentAgain() throws IOException {
    try (ScriptedRedis redis = new ScriptedRedis(ScriptedRedis.HANG_UP, "+PONG");
        RedisLink link = new RedisLink(redis.spec(PATIENT_MS))) {
      assertThrows(RedisTrouble.class, () -> link.call(Command.INCR, utf8("a")));
      assertEquals(List.of(List.of("INCR", "a")), redis.asked());
      assertEquals(0, link.reconnects());
      assertArrayEquals(utf8("PONG"), (byte[]) link.call(Command.PING));
      assertEquals(1, link.reconnects());
    }
  }

  @Test
  void aSilentConnectionIsGivenUpAfterThePatienceOfItsCall() throws IOException {
    try (ScriptedRedis redis = new ScriptedRedis(ScriptedRedis.SILENCE, ":1");
        RedisLink link = new RedisLink(redis.spec(PATIENT_MS))) {
      assertThrows(RedisTrouble.class, () -> link.call(20, Command.INCR, utf8("a")));
      // A late reply to the first must not be taken for that to the second.
      assertEquals(1L, link.call(Command.INCR, utf8("b")));
      assertEquals(2, redis.connectionCount());
    }
  }

  @Test
  void whereNothingListensIsTrouble() throws IOException {
    JobSpec.RedisSpec nowhere = new JobSpec.RedisSpec();
    nowhere.host = "127.0.0.1";
    nowhere.timeoutMs = PATIENT_MS;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nowhere.port = free.getLocalPort();
    }
    try (RedisLink link = new RedisLink(nowhere)) {
      for (int i = 0; i < 3; i++) assertThrows(RedisTrouble.class, () -> link.call(Command.PING));
      assertEquals(0, link.reconnects());
    }
  }

  @Test
  void aScriptThatRedisDoesNotKnowIsSentOnceWithTheSameArguments() throws IOException {
    try (ScriptedRedis redis = new ScriptedRedis("-NOSCRIPT No matching script.", ":2", ":3");
        RedisLink link = new RedisLink(redis.spec(PATIENT_MS))) {
      assertEquals(2L, link.run(Script.TRIM, 1, utf8("\u732b"), utf8("0")));
      assertEquals(3L, link.run(Script.TRIM, 1, utf8("b"), utf8("1")));
      String sha = new String(Script.TRIM.sha, UTF_8);
      assertEquals(
          List.of(
              List.of("EVALSHA", sha, "1", "\u732b", "0"),
              List.of("EVAL", new String(Script.TRIM.text, UTF_8), "1", "\u732b", "0"),
              List.of("EVALSHA", sha, "1", "b", "1")),
          redis.asked());
    }
  }

  @Test
  void anErrorWithinAScriptIsNoReasonToSendItAgain() throws IOException {
    try (ScriptedRedis redis = new ScriptedRedis("-WRONGTYPE no stream");
        RedisLink link = new RedisLink(redis.spec(PATIENT_MS))) {
      assertThrows(JedisDataException.class, () -> link.run(Script.TRIM, 1, utf8("a"), utf8("0")));
      assertEquals(1, redis.asked().size());
    }
  }

  @Test
  void anEndWakesWhoWaitsForAnAnswerAndNoConnectionIsMadeAfterIt() throws Exception {
    try (ScriptedRedis redis = new ScriptedRedis(ScriptedRedis.SILENCE)) {
      RedisLink link = new RedisLink(redis.spec(PATIENT_MS));
      CompletableFuture<Object> waiting = CompletableFuture.supplyAsync(() -> link.call(Command.XREADGROUP, utf8("a")));
      eventually("the command", () -> redis.asked().isEmpty() ? null : true);
      link.close();
      ExecutionException ended = assertThrows(ExecutionException.class, () -> waiting.get(60, TimeUnit.SECONDS));
      assertTrue(ended.getCause() instanceof RedisTrouble, ended.toString());
      assertThrows(RedisTrouble.class, () -> link.call(Command.PING));
      assertEquals(1, redis.connectionCount());
    }
  }

  @Test
  void anEndWhileAConnectionIsMadeLeavesNoneOpen() throws Exception {
    CompletableFuture<String> greeting = new CompletableFuture<>();
    try (ScriptedRedis redis = new ScriptedRedis("+PONG").greetingWith(greeting)) {
      JobSpec.RedisSpec spec = redis.spec(PATIENT_MS);
      spec.username = "worker";
      spec.password = "secret";
      RedisLink link = new RedisLink(spec);
      CompletableFuture<Object> waiting = CompletableFuture.supplyAsync(() -> link.call(Command.PING));
      eventually("the greeting", () -> redis.commands.isEmpty() ? null : true);
      link.close();
      greeting.complete("+OK");
      ExecutionException ended = assertThrows(ExecutionException.class, () -> waiting.get(60, TimeUnit.SECONDS));
      assertTrue(ended.getCause() instanceof RedisTrouble, ended.toString());
      assertEquals(List.of(), redis.asked());
      eventually("nothing is left open", () -> redis.hasOpenConnection() ? null : true);
    }
  }

  @Test
  void aUserAndItsPasswordAreSentBeforeAnythingElse() throws IOException {
    try (ScriptedRedis redis = new ScriptedRedis("+PONG")) {
      JobSpec.RedisSpec spec = redis.spec(PATIENT_MS);
      spec.username = "worker";
      spec.password = "p\u00e4ss word";
      try (RedisLink link = new RedisLink(spec)) {
        link.call(Command.PING);
      }
      assertEquals(List.of("AUTH", "worker", "p\u00e4ss word"), redis.commands.peek());
    }
  }

  @Test
  void numbersAndTextsGoAsRedisReadsThem() {
    assertArrayEquals(utf8("-9223372036854775808"), RedisLink.bytes(Long.MIN_VALUE));
    assertArrayEquals(utf8("0"), RedisLink.bytes(0));
    for (String text : List.of("", "\u732b", "\ud83d\ude00", "a\u0000b\r\n"))
      assertEquals(text, RedisLink.text(RedisLink.bytes(text)));
    assertFalse(RedisLink.bytes("\u00e9").length == 1);
  }
}
