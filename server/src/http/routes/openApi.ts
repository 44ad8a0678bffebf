import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import { exampleBody, filled } from './exampleInstance.ts';
import type { Frontend } from '../frontend.ts';
import type { Servable } from '../setup/servable.ts';
import { datatypeOfModel } from '../../tensor/elementTypes.ts';

/** The description of the interface, its examples made from the models that are there now. */
export function openApi(frontend: Frontend): object {
  const { main, servables, version } = frontend;
  const paths: Record<string, Record<string, object>> = {
    '/predict': { post: predictOperation(main, 'Predict with the job behind this frontend') },
    '/models': { get: read('The models of servables-conf.yaml') },
  };
  for (const servable of servables) {
    const base = `/models/${name(servable)}/versions/${encodeURIComponent(servable.facts.modelVersion)}`;
    paths[base] = { get: read('One model') };
    paths[`${base}/predict`] = { post: predictOperation(servable, 'Predict with this model') };
  }
  paths['/v2'] = { get: read('The server, in the Open Inference Protocol') };
  for (const servable of [main, ...servables]) {
    const base = `/v2/models/${name(servable)}`;
    paths[base] = { get: read('The inputs and outputs of the model') };
    paths[`${base}/ready`] = { get: read('Whether the model can be asked') };
    paths[`${base}/infer`] = { post: inferOperation(servable) };
  }
  Object.assign(paths, {
    '/live': { get: read('Whether the process runs') },
    '/ready': { get: read('Whether predictions are answered') },
    '/health': { get: read('Each check of readiness, with its age') },
    '/metrics': { get: read('Timers in the form of the original') },
    '/metrics/prometheus': { get: read('All figures for Prometheus') },
  });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Cluster Serving',
      version,
      description: 'Every answer that is no success is JSON with a text "error".',
    },
    paths,
  };
}

function name({ facts }: Servable): string {
  return encodeURIComponent(facts.modelName);
}

const failures = {
  400: { description: 'The body is wrong; the text names the place.' },
  429: { description: 'The rate is limited.' },
  503: { description: 'Not ready, or too much to do.' },
  504: { description: 'Not answered in time.' },
};

function read(summary: string): object {
  return { summary, responses: { 200: { description: 'As asked.' } } };
}

function predictOperation(servable: Servable, summary: string): object {
  const model = servable.model();
  const example = model ? exampleBody(model.inputs, model.batched) : { instances: [{ t: [1, 2] }] };
  return {
    summary,
    description:
      'One prediction for each instance, in their order. Images may also be sent as they are, or as a form.',
    requestBody: { required: true, content: { 'application/json': { example } } },
    responses: { 200: { description: 'predictions: each a text that holds JSON.' }, ...failures },
  };
}

function inferOperation(servable: Servable): object {
  const inputs = servable.model()?.inputs ?? [];
  return {
    summary: 'Infer by the Open Inference Protocol',
    requestBody: {
      required: true,
      content: { 'application/json': { example: { inputs: inputs.map(exampleTensor) } } },
    },
    responses: { 200: { description: 'The outputs of the model.' }, ...failures },
  };
}

function exampleTensor({ name, type, shape }: TensorInfo): object {
  const sizes = shape.map((size) => size ?? 1);
  const count = sizes.reduce((product, size) => product * size, 1);
  return {
    name,
    shape: sizes,
    datatype: datatypeOfModel(type),
    data: filled([count], type === 'string' ? 'text' : 0),
  };
}
