import type { RecordsMessage, RecordsTarget } from '../../schemas/recordsPage.ts';
import { createText } from '../design/createText.ts';
import { around, element } from '../design/element.ts';
import { dressPage, editorOfPage, type EditorHost } from '../design/host.ts';
import { createRecordsHost } from '../records/recordsHost.ts';
import { recordsStyle } from '../records/recordsStyle.ts';
import { createRecordsView, type RecordsView } from '../records/recordsView.ts';
import { chinese } from '../records/texts.ts';

/** The records of a queue, in a panel of the editor. */
function start(editor: EditorHost): void {
  const language = document.documentElement.lang;
  const t = createText(chinese, language);
  const title = element('p', 'muted');
  const trouble = element('p', 'notice bad');
  trouble.setAttribute('role', 'alert');
  const root = element('div');
  root.id = 'records';
  document.body.append(around('main', '', element('h1', '', t('Records')), title, trouble, root));
  dressPage(editor, recordsStyle, () => undefined);

  let view: RecordsView | undefined;
  let target: RecordsTarget | undefined;
  const host = createRecordsHost(editor, (message) => {
    if (!target) editor.setState({ target: message.target });
    target ??= message.target;
    title.textContent = t('The queue of {0}, on {1}', target.jobName, target.redis);
    const { trouble: why = '' } = message;
    if (trouble.textContent !== why) trouble.textContent = why;
    view ??= createRecordsView(root, { t, language, host, state: target.state });
    if (message.counts) view.show(message.counts, message.hasMoved);
  });
  addEventListener('message', ({ data }: MessageEvent<RecordsMessage>) => host.receive(data));
  editor.postMessage({ kind: 'ready' });
}

const editor = editorOfPage();
if (editor) start(editor);
