package servings.flink.queue;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import servings.flink.JobSpec;

/** Listens on loopback and answers each command with the next reply of a list, as a Redis in trouble would. */
final class ScriptedRedis implements AutoCloseable {
  /** In place of a reply: the connection ends, or nothing comes. */
  static final String HANG_UP = "hang up";
  static final String SILENCE = "silence";

  /** The words of each command that came, but for those by which a client introduces itself. */
  final BlockingQueue<List<String>> commands = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> replies = new LinkedBlockingQueue<>();
  private final List<Socket> connections = new CopyOnWriteArrayList<>();
  private final ServerSocket server;
  /** Answers what a client says of itself, as soon as it is there. */
  private volatile CompletableFuture<String> greeting = CompletableFuture.completedFuture("+OK");

  ScriptedRedis(String... replies) throws IOException {
    this.replies.addAll(List.of(replies));
    server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Thread accepting = new Thread(this::acceptAll, "scripted Redis");
    accepting.setDaemon(true);
    accepting.start();
  }

  JobSpec.RedisSpec spec(int timeoutMs) {
    JobSpec.RedisSpec spec = new JobSpec.RedisSpec();
    spec.host = "127.0.0.1";
    spec.port = server.getLocalPort();
    spec.timeoutMs = timeoutMs;
    return spec;
  }

  ScriptedRedis greetingWith(CompletableFuture<String> reply) {
    greeting = reply;
    return this;
  }

  int connectionCount() {
    return connections.size();
  }

  boolean hasOpenConnection() {
    return connections.stream().anyMatch(one -> !one.isClosed());
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket socket = server.accept();
        connections.add(socket);
        Thread serving = new Thread(() -> serve(socket), "connection of the scripted Redis");
        serving.setDaemon(true);
        serving.start();
      }
    } catch (IOException error) {
      // Closed.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      OutputStream out = socket.getOutputStream();
      for (List<String> command = read(in); command != null; command = read(in)) {
        boolean isGreeting = List.of("CLIENT", "HELLO", "AUTH").contains(command.get(0));
        commands.add(command);
        String reply = isGreeting ? greeting.join() : replies.poll();
        if (reply == null) reply = "-ERR the test expects no further command";
        if (reply.equals(HANG_UP)) return;
        if (reply.equals(SILENCE)) continue;
        out.write((reply + "\r\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } catch (IOException error) {
      // The client has gone.
    }
  }

  private static List<String> read(DataInputStream in) throws IOException {
    String head = line(in);
    if (head == null) return null;
    List<String> words = new ArrayList<>();
    for (int i = Integer.parseInt(head.substring(1)); i > 0; i--) {
      byte[] word = new byte[Integer.parseInt(line(in).substring(1))];
      in.readFully(word);
      in.readFully(new byte[2]);
      words.add(new String(word, StandardCharsets.UTF_8));
    }
    return words;
  }

  private static String line(DataInputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int one = in.read(); one != '\n'; one = in.read()) {
      if (one < 0) return null;
      if (one != '\r') line.append((char) one);
    }
    return line.toString();
  }

  /** The commands that came, without what a client says of itself. */
  List<List<String>> asked() {
    List<List<String>> asked = new ArrayList<>(commands);
    asked.removeIf(command -> List.of("CLIENT", "HELLO", "AUTH").contains(command.get(0)));
    return asked;
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket connection : connections) connection.close();
  }
}
