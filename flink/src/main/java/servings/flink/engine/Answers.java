package servings.flink.engine;

import java.util.List;
import servings.flink.queue.Answer;

/** Answers that became known together, and are written together. */
public final class Answers {
  public final List<Answer> list;

  Answers(List<Answer> list) {
    this.list = list;
  }
}
