import type { ModelMessage, ModelQuestion } from '../../schemas/modelReport.ts';
import { createText } from '../design/createText.ts';
import { around, button, element } from '../design/element.ts';
import { dressPage, editorOfPage, type EditorHost } from '../design/host.ts';
import { modelStyle } from '../model/modelStyle.ts';
import { drawModel } from '../model/modelView.ts';
import { chinese } from '../model/texts.ts';

/** A model's file, in an editor of its own. */
function start(editor: EditorHost): void {
  const language = document.documentElement.lang;
  const t = createText(chinese, language);
  const ask = (question: ModelQuestion) => editor.postMessage(question);
  const title = element('h1');
  const root = element('div');
  const text = button(t('Open as Text'), () => ask('text'));
  text.hidden = true;
  const buttons = around(
    'div',
    'row',
    button(t('Look Again'), () => ask('again')),
    text,
  );
  document.body.append(around('main', 'stack', around('div', 'row spread', title, buttons), root));
  dressPage(editor, modelStyle, () => undefined);
  addEventListener('message', ({ data }: MessageEvent<ModelMessage>) => {
    title.textContent = data.name;
    // The others are no text.
    text.hidden = !/\.xml$/i.test(data.name);
    drawModel(root, data, t, language);
  });
  ask('ready');
}

const editor = editorOfPage();
if (editor) start(editor);
