package servings.flink.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.exceptions.JedisDataException;
import servings.flink.queue.RedisTrouble;

/** Answers what worker processes ask beside records and answers, one after the other on a thread of its own: who reads their
 *  messages must not wait for Redis. */
final class Calls implements AutoCloseable {
  private static final byte[] NO_ANSWER = {'0'};
  private static final String YES = "ok";
  private static final String NO = "no";

  private final ExecutorService thread;

  Calls(String workerId) {
    thread =
        Executors.newSingleThreadExecutor(
            run -> {
              Thread made = new Thread(run, "calls of " + workerId);
              made.setDaemon(true);
              return made;
            });
  }

  /** What is done for a call. */
  interface Work {
    /** @return the items of the answer. @throws RedisTrouble or JedisDataException */
    Object[] run();
  }

  /** @param call  the call's number, 0 where the process waits for no answer */
  void run(Session session, byte[] call, Work work) {
    try {
      thread.execute(
          () -> {
            Message reply = replyOf(call, work);
            if (!isSilent(call)) session.process.write(reply);
          });
    } catch (RejectedExecutionException error) {
      // The worker has ended, and its process with it.
    }
  }

  private static boolean isSilent(byte[] call) {
    return call.length == NO_ANSWER.length && call[0] == NO_ANSWER[0];
  }

  private static Message replyOf(byte[] call, Work work) {
    try {
      return succeeded(call, work.run());
    } catch (RuntimeException error) {
      return failed(call, error);
    }
  }

  static Message succeeded(byte[] call, Object... items) {
    Message message = Message.of(YES, 1 + items.length).add(number(call));
    for (Object item : items) {
      if (item instanceof Long) message.add((Long) item);
      else message.add((String) item);
    }
    return message;
  }

  /** Whether Redis was reached, and its own words. */
  static Message failed(byte[] call, RuntimeException error) {
    boolean wasReached = error instanceof JedisDataException || error.getCause() instanceof JedisDataException;
    String why = error.getMessage() == null ? error.toString() : error.getMessage();
    return Message.of(NO, 3).add(number(call)).add(wasReached ? 1 : 0).add(why);
  }

  private static long number(byte[] call) {
    return Long.parseLong(new String(call, US_ASCII));
  }

  /** @return whether what was asked is done */
  boolean await(long ms) throws InterruptedException {
    thread.shutdown();
    return thread.awaitTermination(ms, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
