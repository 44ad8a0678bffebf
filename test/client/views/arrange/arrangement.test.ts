import { expect, test } from 'vitest';
import { createArrangement } from '../../../../client/src/views/arrange/arrangement.ts';
import { noFilter } from '../../../../client/src/views/arrange/filter.ts';
import { aMemento } from '../../aMemento.ts';

test('groups are there again in the next window, and a filter is not', async () => {
  const memento = aMemento();
  const first = createArrangement(memento);
  await first.setGrouping('store');
  first.setFilter({ text: 'digits', states: ['failed'] });
  expect(first.filter()).toEqual({ text: 'digits', states: ['failed'] });
  const next = createArrangement(memento);
  expect([next.grouping(), next.filter()]).toEqual(['store', noFilter]);
  await next.setGrouping(undefined);
  expect(createArrangement(memento).grouping()).toBeUndefined();
});

test('a grouping that this version does not know is none', async () => {
  const memento = aMemento();
  await memento.update('jobsGroupedBy', 'colour');
  expect(createArrangement(memento).grouping()).toBeUndefined();
});

test('groups are offered once in a workspace, and not where there are groups', async () => {
  const memento = aMemento();
  expect([createArrangement(memento).takeOffer(), createArrangement(memento).takeOffer()]).toEqual([
    true,
    false,
  ]);
  const grouped = createArrangement(aMemento());
  await grouped.setGrouping('state');
  expect(grouped.takeOffer()).toBe(false);
});

test('the view hears of each change until it is gone', async () => {
  const arrangement = createArrangement(aMemento());
  let changes = 0;
  const subscription = arrangement.onChange(() => {
    changes += 1;
  });
  arrangement.setFilter({ text: 'a', states: [] });
  await arrangement.setGrouping('folder');
  subscription.dispose();
  arrangement.setFilter(noFilter);
  expect(changes).toBe(2);
});
