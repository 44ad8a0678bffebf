package servings.flink.queue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The Lua scripts of the embedded engine, generated beside this class: Redis runs one whole or not at all. */
enum Script {
  DROP_CONSUMERS("dropConsumers"),
  FINISH("finish"),
  HAND_BACK("handBack"),
  KEEP_ALIVE("keepAlive"),
  MAKE_GROUP("makeGroup"),
  NOTE_RUNNING("noteRunning"),
  RENEW("renew"),
  TAKE_OVER("takeOver"),
  TRIM("trim");

  final byte[] text;
  final byte[] sha;

  Script(String name) {
    try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
      text = in.readAllBytes();
      byte[] digest = MessageDigest.getInstance("SHA-1").digest(text);
      sha = String.format("%040x", new BigInteger(1, digest)).getBytes(StandardCharsets.US_ASCII);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException(error);
    }
  }
}
