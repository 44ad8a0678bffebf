import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mcpProviderId, taskMatcher } from '../../../schemas/editor/editorTasks.ts';
import { readJobTask, tasksOf } from '../../../client/src/tasks/taskDefinition.ts';

const relative = ({ path }: { readonly path: string }) => path.slice('/ws/'.length);

test('each config of a folder has a task to start its job, and one to stop it', () => {
  expect(tasksOf([{ path: '/ws/a/config.yaml', jobName: 'digits' }], relative)).toMatchObject([
    {
      name: 'start digits',
      definition: { type: 'cluster-serving', action: 'start', config: 'a/config.yaml' },
    },
    { name: 'stop digits', definition: { action: 'stop', config: 'a/config.yaml' } },
  ]);
});

test('jobs of one name have tasks of different names', () => {
  const configs = ['/ws/a/config.yaml', '/ws/b/config.yaml'].map((path) => ({ path, jobName: 'same' }));
  const names = tasksOf(configs, relative).map(({ name }) => name);
  expect(new Set(names).size).toBe(4);
  expect(names[0]).toBe('start same (a/config.yaml)');
});

test.each([
  [{ type: 'cluster-serving', config: 'c.yaml' }, 'start'],
  [{ type: 'cluster-serving', config: 'c.yaml', action: 'stop' }, 'stop'],
  [{ type: 'cluster-serving' }, undefined],
  [{ type: 'cluster-serving', config: '' }, undefined],
  [{ type: 'cluster-serving', config: 3 }, undefined],
  [{ type: 'cluster-serving', config: 'c.yaml', action: 'toString' }, undefined],
  [{ type: 'npm', config: 'c.yaml' }, undefined],
])('what a tasks.json says is a task, or none where something is wrong: %j', (written, action) => {
  expect(readJobTask(written)?.action).toBe(action);
});

test('the manifest declares the tasks, their matcher and the server for agents as the extension has them', () => {
  const path = join(import.meta.dirname, '..', '..', '..', 'package.json');
  const { contributes } = JSON.parse(readFileSync(path, 'utf8')) as {
    contributes: {
      taskDefinitions: object[];
      problemMatchers: object[];
      mcpServerDefinitionProviders: object[];
    };
  };
  expect(contributes.taskDefinitions).toMatchObject([{ type: 'cluster-serving', required: ['config'] }]);
  expect(contributes.problemMatchers).toMatchObject([
    {
      name: 'cluster-serving',
      background: { beginsPattern: taskMatcher.begins, endsPattern: taskMatcher.ends },
    },
  ]);
  expect(contributes.mcpServerDefinitionProviders).toMatchObject([{ id: mcpProviderId }]);
});
