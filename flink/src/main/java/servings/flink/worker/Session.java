package servings.flink.worker;

/** The life of one worker process. Each has a consumer of its own in the group: what its model had when it died stands in
 *  Redis under that name, and counts against its records by the rule that holds for every worker. */
public final class Session {
  final String consumer;
  final WorkerProcess process;
  private volatile boolean isReady;

  Session(String consumer, WorkerProcess process) {
    this.consumer = consumer;
    this.process = process;
  }

  public String consumer() {
    return consumer;
  }

  boolean isReady() {
    return isReady;
  }

  void ready() {
    isReady = true;
  }
}
