import type { RuntimeName } from '../runtimes.ts';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

interface ProblemKind {
  readonly severity: Severity;
  /** One sentence: what is wrong. */
  readonly summary: string;
  /** What follows from it and what to do. */
  readonly help: string;
}

/** What can be wrong around a config.yaml: reported by the editor and by `lint`, which look at folders and at the other
 *  configs. Their severities may be changed by settings, since a config may be meant for another machine. */
export const worldProblems = {
  'model-missing': {
    severity: 'error',
    summary: 'modelPath names no folder that can be read.',
    help: 'Relative paths start from the folder of the config file.',
  },
  'model-none': {
    severity: 'error',
    summary: 'The model folder holds no model that is known by its name.',
    help: 'docs/models.md says what a folder of each type of model holds.',
  },
  'model-several': {
    severity: 'error',
    summary: 'The model folder holds more than one model.',
    help: 'Move all but one to folders of their own.',
  },
  'model-incomplete': {
    severity: 'error',
    summary: 'The model folder holds weights without their definition.',
    help: 'A *.bin needs its *.xml beside it, a *.caffemodel its *.prototxt, and the other way round.',
  },
  'model-keras': {
    severity: 'error',
    summary: 'The model folder holds a Keras model.',
    help: 'Export it as a SavedModel (model.export in Keras), or to ONNX.',
  },
  'model-foreign': {
    severity: 'error',
    summary: 'The model folder holds a model of a format that is not served.',
    help: 'The message says what it is and how to come to a model that is.',
  },
  'model-damaged': {
    severity: 'error',
    summary: 'A file of the model is not what its name says, or not whole.',
    help: 'The message says what it is: a pointer of git-lfs, a web page, an archive, a file that is empty, cut off or too new.',
  },
  'model-version': {
    severity: 'information',
    summary: 'The model folder holds several versions of a model.',
    help: 'The newest is served. Write version: and the number of another to serve that.',
  },
  'model-not-decrypted': {
    severity: 'warning',
    summary: 'modelEncrypted is true, and a model of this type is never decrypted.',
    help: 'As in the original it is loaded as it stands. Models of ONNX and OpenVINO IR are decrypted.',
  },
  'model-unsupported': {
    severity: 'error',
    summary:
      'Nothing here runs a model of this type, or not on the chosen backend, or not by the chosen runtime.',
    help: 'The message says what does; most models can be exported to ONNX.',
  },
  'model-pickled': {
    severity: 'error',
    summary: 'The model is a pickle, which runs code when it is loaded, and allowPickle is not set.',
    help: 'The message says how to come to a file that is data alone. For one that you trust, write allowPickle: true.',
  },
  'model-runs-code': {
    severity: 'warning',
    summary: 'A start runs code that lies in the model folder.',
    help: 'It gets your rights: start it only if you trust its author. lint and the editor do not run it.',
  },
  'runtime-missing': {
    severity: 'warning',
    summary: 'The runtime that the model needs is not installed on this machine.',
    help: 'The message has the line that installs it: `cluster-serving runtime install openvino`, or a line of pip.',
  },
  'reload-refused': {
    severity: 'error',
    summary: 'A running job does not take over what the config or the model is now.',
    help: 'It goes on as before. docs/reload.md says what is checked before a model takes the place of another.',
  },
  'restart-needed': {
    severity: 'warning',
    summary: 'A running job cannot take over a change of this key.',
    help: 'Nothing of the config is taken over until the job is started again, or the key has its old value.',
  },
  'trust-store-unreadable': {
    severity: 'error',
    summary: 'The trust store is missing, or has a format that is not read.',
    help: 'PEM and PKCS#12 files are read; a Java key store is converted with keytool.',
  },
  'job-name-shared': {
    severity: 'warning',
    summary: 'Another config of the workspace has the same jobName on the same Redis.',
    help: 'Jobs that run together need different names: they would take records from each other.',
  },
  'port-shared': {
    severity: 'warning',
    summary: 'The same address is given to two different services.',
    help: 'One of the two is wrong: a port serves Redis, Kafka or Flink, never two of them.',
  },
} as const satisfies Record<string, ProblemKind>;

/** What can be wrong with a servables-conf.yaml, beside what is wrong with any YAML. */
export const servablesProblems = {
  'servable-list': {
    severity: 'error',
    summary: 'The list modelMetaDataList is missing.',
    help: 'The HTTP frontend reads its models from there.',
  },
  'servable-tag': {
    severity: 'error',
    summary: 'A model has no tag that is known.',
    help: 'Each is tagged !<ClusterServingMetaData> or !<InferenceModelMetaData>.',
  },
  'servable-field-missing': {
    severity: 'error',
    summary: 'A model lacks a field that it needs.',
    help: 'The message names the field.',
  },
  'servable-field-unknown': {
    severity: 'warning',
    summary: 'A model has a field that means nothing.',
    help: 'It has no effect. The message names the nearest field.',
  },
  'servable-field-type': {
    severity: 'error',
    summary: 'The value of a field is of another kind than it must be.',
    help: 'The message says which.',
  },
  'servable-twice': {
    severity: 'error',
    summary: 'Two models have the same name and version.',
    help: 'The frontend finds a model by both.',
  },
  'servable-without-job': {
    severity: 'information',
    summary: 'No config of the workspace has a job of this name on this Redis.',
    help: 'The job may be configured elsewhere; otherwise requests will not be answered.',
  },
} as const satisfies Record<string, ProblemKind>;

/** Everything that can be wrong with a config.yaml, first of all its text. An error is what cannot run; what the original
 *  accepted in silence is at most a warning. */
export const configProblems = {
  'too-large': {
    severity: 'error',
    summary: 'The file is far larger than any config.',
    help: 'It is not read. Name the right file.',
  },
  'merge-conflict': {
    severity: 'error',
    summary: 'The file holds the markers of an unresolved merge.',
    help: 'Keep one of the two sides and delete the markers.',
  },
  syntax: {
    severity: 'error',
    summary: 'The file is not valid YAML.',
    help: 'The message names the place where reading stopped making sense; the cause is often one line above it.',
  },
  'tab-indent': {
    severity: 'error',
    summary: 'A line is indented with a tab.',
    help: 'YAML allows only blanks there.',
  },
  'not-a-mapping': {
    severity: 'error',
    summary: 'The file does not consist of keys and values.',
    help: 'Write one key: value a line.',
  },
  'several-documents': {
    severity: 'warning',
    summary: 'The file holds a second document after a line of three dashes.',
    help: 'Only the first document is read.',
  },
  'model-path-missing': {
    severity: 'error',
    summary: 'modelPath is not set.',
    help: 'Name the folder that holds the model.',
  },
  'wrong-type': {
    severity: 'error',
    summary: 'The value is of another kind than the key wants.',
    help: 'Numbers may be quoted; true and false may also be written yes, no, on and off; lists and mappings are never values.',
  },
  'truncated-number': {
    severity: 'warning',
    summary: 'The key wants a whole number and gets a fraction.',
    help: 'The digits after the point are dropped, as the original does.',
  },
  'out-of-range': {
    severity: 'error',
    summary: 'The number is smaller or larger than the key allows.',
    help: 'The message names the limits.',
  },
  'bad-choice': {
    severity: 'error',
    summary: 'The value is none of those that the key knows.',
    help: 'The message names them all.',
  },
  'bad-host-port': {
    severity: 'error',
    summary: 'The value is not host:port.',
    help: 'Write a host, a colon, and a port from 1 to 65535.',
  },
  'host-port-extra': {
    severity: 'warning',
    summary: 'An address has text between its first and its last colon.',
    help: 'That text is ignored, as in the original: redis://h:6379 is port 6379 of a host named "redis".',
  },
  'bad-size': {
    severity: 'error',
    summary: 'The value is not a size.',
    help: 'Write a whole number and a unit that Redis knows: b, k, kb, m, mb, g, gb. k, m and g are powers of 1000; kb, mb and gb of 1024.',
  },
  'bad-image-resize': {
    severity: 'error',
    summary: 'The value is not height,width.',
    help: 'Write two whole numbers from 1 to 65535 with a comma between them, the height first.',
  },
  'bad-post-processing': {
    severity: 'error',
    summary: 'The value is not a known filter.',
    help: 'Write topN(n) or pickTopN(n) with n at least 1.',
  },
  'bad-job-name': {
    severity: 'error',
    summary: 'jobName is empty.',
    help: 'Give it a name, or remove the key to be called serving_stream.',
  },
  'bad-topic-name': {
    severity: 'error',
    summary: 'With Kafka, jobName is no name that a topic can have.',
    help: 'Letters of English, digits, dots, underscores and hyphens are allowed. A name that is "registry", begins with "cluster-serving_" or ends with "_dead" would share topics with other jobs.',
  },
  'job-name-colon': {
    severity: 'warning',
    summary: 'jobName holds a colon.',
    help: 'The Python client splits the keys of results at colons: dequeue() will name such results wrongly.',
  },
  'env-missing': {
    severity: 'error',
    summary: 'The value names an environment variable that is not set.',
    help: 'Set it where the job is started from.',
  },
  'not-supported-yet': {
    severity: 'error',
    summary: 'The value asks for something that this version cannot do.',
    help: 'The message says what works.',
  },
  'unknown-key': {
    severity: 'warning',
    summary: 'No key has this name.',
    help: 'It has no effect. The message names the nearest key.',
  },
  'duplicate-key': {
    severity: 'warning',
    summary: 'The key is set more than once.',
    help: 'The last one counts; a key under its present name counts before older names and the nested form.',
  },
  'nested-form': {
    severity: 'warning',
    summary: 'The section belongs to the older nested form.',
    help: 'The original ignores it as a whole since 2.0; it is still read here, and can be converted.',
  },
  'dead-key': {
    severity: 'information',
    summary: 'The key no longer has an effect.',
    help: 'The message says why; the line can go.',
  },
  'overridden-key': {
    severity: 'warning',
    summary: 'coreNumberPerMachine replaces this value.',
    help: 'Keep one of the two.',
  },
  'no-effect': {
    severity: 'information',
    summary: 'The key has no effect unless another one is set.',
    help: 'The message names the other key.',
  },
  'blank-at-end': {
    severity: 'warning',
    summary: 'A path begins or ends with a blank.',
    help: 'The blank is not taken as part of the path.',
  },
  'literal-password': {
    severity: 'information',
    summary: 'A password stands in the file in plain text.',
    help: 'Write ${env:NAME} and set the variable where the job is started from.',
  },
  'record-secret': {
    severity: 'warning',
    summary: 'Images may be encrypted with words that everyone knows.',
    help: 'The original always uses them. Run `cluster-serving secret set --record`; a line `# cluster-serving-disable-next-line record-secret` above it says that it is done.',
  },
  'older-name': {
    severity: 'information',
    summary: 'The key has a newer name.',
    help: 'The older one is still read.',
  },
  'key-case': {
    severity: 'hint',
    summary: 'The key is written in another case than usual.',
    help: 'It is read all the same; other tools may be stricter.',
  },
  'bad-disable-comment': {
    severity: 'warning',
    summary: 'A disable-next-line comment names a code that does not exist, or an error.',
    help: 'Only warnings, information and hints can be switched off, since an error prevents the start in any case.',
  },
  ...worldProblems,
  ...servablesProblems,
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof configProblems;

/** Offsets in the text, in UTF-16 units; `end` is the first that no longer belongs to it. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What fixes and programs need to know of a problem; all of it survives JSON. */
export interface ProblemData {
  /** The key that the problem is about, under its present name. */
  readonly key?: string;
  /** What could stand in the problem's range instead. */
  readonly replacement?: string;
  /** Everything that could stand there. */
  readonly allowed?: readonly string[];
  /** From the key to the end of its value. */
  readonly entry?: Range;
  /** The runtime to install, and what it is called. */
  readonly runtime?: RuntimeName;
  readonly runtimeTitle?: string;
}

/** Something wrong in the text of a config.yaml. */
export interface Problem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly message: string;
  readonly range: Range;
  readonly data?: ProblemData;
}

/** Replaces the text of a range. */
export interface TextEdit {
  readonly range: Range;
  readonly newText: string;
}
