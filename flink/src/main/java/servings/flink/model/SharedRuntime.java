package servings.flink.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.zip.CRC32;

/** ONNX Runtime, loaded once in a TaskManager for all jobs that it ever runs. Each job has a class loader of its own, and a
 *  native library that each of them loaded would stay, with its threads and a shutdown hook that holds its classes: the
 *  original's jar ends a TaskManager so at the ninth submission. */
final class SharedRuntime {
  private static final String PROGRAM = "servings.flink.onnx.OnnxSessions";

  private SharedRuntime() {}

  /** What opens sessions, see {@code OnnxSessions}. */
  @SuppressWarnings("unchecked")
  static BiFunction<String, Integer, Map<String, Object>> sessions() {
    // The system's properties are the one place that all class loaders see; jars of another version do not share.
    Class<?> here = SharedRuntime.class;
    Object key = PROGRAM + " of " + version();
    Map<Object, Object> shared = System.getProperties();
    synchronized (shared) {
      Object known = shared.get(key);
      if (known == null) {
        known = open(here);
        shared.put(key, known);
      }
      return (BiFunction<String, Integer, Map<String, Object>>) known;
    }
  }

  private static Object open(Class<?> here) {
    try {
      Set<URL> jars = new LinkedHashSet<>();
      jars.add(sourceOf(here));
      jars.add(sourceOf(Class.forName("ai.onnxruntime.OrtEnvironment", false, here.getClassLoader())));
      // It lives as long as the TaskManager, so it is never closed.
      @SuppressWarnings("resource")
      ClassLoader loader = new URLClassLoader(jars.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
      return loader.loadClass(PROGRAM).getConstructor().newInstance();
    } catch (ClassNotFoundException | NoSuchMethodException | InstantiationException | IllegalAccessException error) {
      throw new IllegalStateException("the jar lacks ONNX Runtime", error);
    } catch (InvocationTargetException error) {
      throw new IllegalStateException("ONNX Runtime does not load here", error.getCause());
    }
  }

  private static URL sourceOf(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }

  /** Changes with what is loaded, so that a newer jar gets its own. The jar's path would not do: each job has its own. */
  private static String version() {
    CRC32 sum = new CRC32();
    for (String name : new String[] {PROGRAM, "ai.onnxruntime.OrtEnvironment"}) {
      String file = '/' + name.replace('.', '/') + ".class";
      try (InputStream bytes = SharedRuntime.class.getResourceAsStream(file)) {
        if (bytes != null) sum.update(bytes.readAllBytes());
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    }
    return Long.toHexString(sum.getValue());
  }
}
