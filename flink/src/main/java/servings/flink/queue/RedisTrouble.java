package servings.flink.queue;

/** Redis is away, restarting or not itself: it is waited out. */
public final class RedisTrouble extends RuntimeException {
  RedisTrouble(Throwable cause) {
    super(cause.getMessage(), cause);
  }
}
