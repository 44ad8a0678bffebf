/** The editors that show files of models, as the manifest has them. Other programs have XML too, so that one is only offered. */
export const modelEditors = [
  { viewType: 'clusterServing.model', patterns: ['*.onnx', '*.tflite'], priority: 'default' },
  { viewType: 'clusterServing.modelIr', patterns: ['*.xml'], priority: 'option' },
] as const;

export const modelEditorIds = modelEditors.map(({ viewType }) => viewType);
