/* A real Kafka broker for the tests and benchmarks, from the jars of Maven Central. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureJava } from './ensureFlink.mjs';
import { giveUp, onlyOnce, root, run, say } from './setup.mjs';

const folder = join(root, '.cache', 'kafka');

/** Maven fetches what the broker needs by this. */
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>cluster-serving</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>4.3.1</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>2.24.3</version>
    </dependency>
  </dependencies>
</project>
`;

/** What the storage is formatted by; the ports and the folder of a broker are set when it starts. */
const formatProperties = (data) => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:19093
listeners=PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093
controller.listener.names=CONTROLLER
log.dirs=${data}
`;

/** Fetches the broker and formats a data folder, which each start of a broker copies.
 *  @returns KAFKA_HOME: `libs` has the jars, `formatted` the data folder */
export function ensureKafka() {
  ensureJava();
  const data = join(folder, 'formatted');
  const done = () => existsSync(join(data, 'meta.properties'));
  onlyOnce('kafka', pom + formatProperties(''), done, () => {
    say('fetching a Kafka broker for the tests (43 MB)');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'pom.xml'), pom);
    const libs = join(folder, 'libs');
    const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${libs}`, '-DincludeScope=runtime'];
    if (run('mvn', ['-q', '-B', '-Dstyle.color=never', '-f', join(folder, 'pom.xml'), ...copy]) !== 0)
      giveUp("The Kafka broker could not be fetched; Maven's words are above.");
    const properties = join(folder, 'format.properties');
    writeFileSync(properties, formatProperties(data));
    // Any name will do: each broker of a test is a cluster of its own.
    const format = ['kafka.tools.StorageTool', 'format', '-t', 'Y2x1c3Rlci1zZXJ2aW5nLQ', '-c', properties];
    const { status, stderr } = spawnSync('java', ['-cp', join(libs, '*'), ...format], { encoding: 'utf8' });
    if (status !== 0) giveUp(`The storage of the Kafka broker could not be formatted:\n${stderr}`);
  });
  process.env.KAFKA_HOME = folder;
  return { KAFKA_HOME: folder };
}
