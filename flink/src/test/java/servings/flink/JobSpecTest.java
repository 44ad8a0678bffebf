package servings.flink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobSpecTest {
  private static String encoded(String json) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(UTF_8));
  }

  @Test
  void isReadAsTheCommandLineSendsIt() {
    String json = "{\"jobName\":\"\u732b \\\"x\\\"\",\"parallelism\":2,\"claimIdleMs\":9007199254740993,"
        + "\"redis\":{\"host\":\"h\",\"port\":6379,\"tls\":null},\"worker\":{\"any\":[1,null,\"text\"]}}";
    JobSpec spec = JobSpec.parse(JobSpec.decode(new String[] {encoded(json)}));
    assertEquals("\u732b \"x\"", spec.jobName);
    assertEquals(2, spec.parallelism);
    assertEquals(9_007_199_254_740_993L, spec.claimIdleMs);
    assertEquals(6379, spec.redis.port);
    assertNull(spec.redis.tls);
    assertEquals("text", spec.worker.get("any").get(2).asText());
  }

  @Test
  void passesOverWhatALaterCommandLineAdds() {
    JobSpec spec = JobSpec.parse("{\"jobName\":\"a\",\"later\":{\"x\":1},\"redis\":{\"host\":\"h\",\"later\":[]}}");
    assertEquals("h", spec.redis.host);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "7",
        "\"text\"",
        "{",
        "{\"parallelism\":\"many\"}",
        "{\"parallelism\":99999999999}",
        "{\"redis\":7}",
        "config.yaml",
      })
  void whatIsNoJobSaysHowAJobIsStarted(String json) {
    IllegalArgumentException error = assertThrows(IllegalArgumentException.class, () -> JobSpec.parse(json));
    assertTrue(error.getMessage().contains("cluster-serving start"), error.getMessage());
  }

  @Test
  void theJobTakesOneArgument() {
    for (String[] arguments : List.of(new String[0], new String[] {"a", "b"}))
      assertThrows(IllegalArgumentException.class, () -> JobSpec.decode(arguments));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--parallelism=2", "a b", "{}", "\u732b", "a"})
  void anArgumentThatIsNoBase64SaysHowAJobIsStarted(String argument) {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> JobSpec.decode(new String[] {argument}));
    assertTrue(error.getMessage().contains("cluster-serving start"), error.getMessage());
  }

  @Test
  void aProgramHasItsRuntimeOnlyWhereOneIsSent() {
    String node = "{\"shipped\":\"n\",\"sha256\":\"aa\",\"bytes\":4294967296}";
    String two = "{\"program\":{\"node\":" + node + ",\"worker\":" + node + "}}";
    String three = two.replace("}}}", "},\"runtime\":" + node + "}}");
    assertEquals(2, JobSpec.parse(two).program.archives().size());
    assertEquals(3, JobSpec.parse(three).program.archives().size());
    assertEquals(4_294_967_296L, JobSpec.parse(two).program.node.bytes);
  }
}
