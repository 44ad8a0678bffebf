/* The part of package.json that the editor reads, and its texts, from the tables in schemas/. */

/** @param toolSchemas  of the arguments of each tool for agents
 *  @returns the manifest with its contributions as the tables say them */
export function withContributions(
  manifest,
  {
    commands,
    commandId,
    rowCommandId,
    rowsOf,
    settings,
    jobsView,
    queuesView,
    contextKeys,
    onMachine,
    configLanguageId,
    mcpProviderId,
    languageToolPrefix,
    readingTools,
    mcpTools,
    dataNotice,
    taskType,
    taskActions,
    taskMatcher,
    modelEditors,
  },
  toolSchemas,
) {
  const names = Object.keys(commands);
  const menus = {};
  const place = (menu, entry) => (menus[menu] ??= []).push(entry);
  for (const name of names) {
    const row = commands[name];
    const command = commandId(name);
    for (const [menu, places] of Object.entries(row.menus ?? {}))
      for (const { group, when, rows } of [places].flat()) {
        const view = rows
          ? whenOf(rows)
          : (when ?? (menu === 'view/title' ? `view == ${jobsView}` : undefined));
        // Views are there only on a machine.
        const shown = row.inBrowser || menu.startsWith('view/') ? view : and(onMachine, view);
        place(menu, {
          command: rows ? rowCommandId(name) : command,
          ...(shown ? { when: shown } : {}),
          group,
        });
      }
    const palette = row.hidden ? 'false' : row.inBrowser ? row.enablement : and(onMachine, row.enablement);
    if (palette) place('commandPalette', { command, when: palette });
    if (rowsOf(name)) place('commandPalette', { command: rowCommandId(name), when: 'false' });
  }
  const own = {
    main: './dist/extension.cjs',
    browser: './dist/browser/extension.js',
    icon: 'media/icon.png',
    galleryBanner: { color: '#10243f', theme: 'dark' },
    categories: ['Machine Learning', 'Programming Languages', 'Linters'],
    keywords: ['serving', 'inference', 'onnx', 'redis', 'bigdl'],
    extensionKind: ['workspace'],
    l10n: './l10n',
    activationEvents: [
      'onLanguage:yaml',
      `onLanguage:${configLanguageId}`,
      'onWebviewPanel:clusterServing.monitor',
      'onWebviewPanel:clusterServing.try',
      'onWebviewPanel:clusterServing.records',
    ],
    capabilities: {
      untrustedWorkspaces: {
        supported: 'limited',
        description: '%untrusted%',
        restrictedConfigurations: ['clusterServing.http.port', 'clusterServing.jobs.refreshInterval'],
      },
      virtualWorkspaces: { supported: 'limited', description: '%virtual%' },
    },
    contributes: {
      ...language(configLanguageId),
      commands: names.flatMap((name) => {
        const { icon, enablement } = commands[name];
        const ids = [commandId(name), ...(rowsOf(name) ? [rowCommandId(name)] : [])];
        return ids.map((command) => ({
          command,
          title: `%command.${name}%`,
          category: 'Cluster Serving',
          ...(icon ? { icon: `$(${icon})` } : {}),
          ...(enablement ? { enablement } : {}),
        }));
      }),
      menus,
      viewsContainers: {
        activitybar: [{ id: 'clusterServing', title: 'Cluster Serving', icon: 'media/sidebar.svg' }],
      },
      views: {
        clusterServing: [
          { id: jobsView, name: '%view.jobs%', icon: 'media/sidebar.svg', when: onMachine },
          // Collapsed at first: a view that is not visible asks nothing.
          {
            id: queuesView,
            name: '%view.queues%',
            icon: 'media/sidebar.svg',
            visibility: 'collapsed',
            when: onMachine,
          },
        ],
      },
      viewsWelcome: [
        { view: jobsView, contents: '%welcome.untrusted%', when: '!isWorkspaceTrusted' },
        {
          view: jobsView,
          contents: '%welcome.empty%',
          when: `isWorkspaceTrusted && !${contextKeys.hasConfigs} && !${contextKeys.hasJobs}`,
        },
        { view: queuesView, contents: '%welcome.untrusted%', when: '!isWorkspaceTrusted' },
        {
          view: queuesView,
          contents: '%welcome.queues%',
          when: `isWorkspaceTrusted && !${contextKeys.hasQueues}`,
        },
      ],
      configuration: {
        title: 'Cluster Serving',
        properties: Object.fromEntries(
          Object.entries(settings).map(([name, row]) => [
            `clusterServing.${name}`,
            { ...row, description: `%setting.${name}%` },
          ]),
        ),
      },
      customEditors: modelEditors.map(({ viewType, patterns, priority }) => ({
        viewType,
        displayName: '%editor.model%',
        selector: patterns.map((filenamePattern) => ({ filenamePattern })),
        priority,
      })),
      // An editor older than 1.101 does not know this and leaves it alone.
      mcpServerDefinitionProviders: [{ id: mcpProviderId, label: 'Cluster Serving' }],
      languageModelTools: readingTools.map((name) => {
        const { meaning, effect } = mcpTools[name];
        return {
          name: `${languageToolPrefix}${name}`,
          displayName: `%tool.${name}%`,
          toolReferenceName: `${languageToolPrefix}${name}`,
          canBeReferencedInPrompt: true,
          modelDescription: `${meaning} Relative paths start from the first folder of the workspace. ${dataNotice}`,
          tags: ['cluster-serving', effect],
          when: and(onMachine, 'isWorkspaceTrusted'),
          inputSchema: toolSchemas[name],
        };
      }),
      ...tasks(taskType, taskActions, taskMatcher),
      walkthroughs: [
        {
          id: 'start',
          title: '%walkthrough.title%',
          description: '%walkthrough.description%',
          when: onMachine,
          steps: walkthrough.map(({ id, command }) => ({
            id,
            title: `%walkthrough.${id}.title%`,
            description: `%walkthrough.${id}.text%`,
            media: { markdown: `media/walkthrough/${id}.md` },
            completionEvents: [`onCommand:${command}`],
          })),
        },
      ],
    },
  };
  // The generated parts replace what was there; the rest of the manifest stays, in its order.
  const { engines, ...rest } = { ...manifest, ...own };
  return { ...rest, engines: { ...engines, vscode: '^1.96.0' } };
}

/** Both, of which either may say nothing. */
function and(first, second) {
  return second === undefined ? first : `${first} && ${second.includes('||') ? `(${second})` : second}`;
}

const walkthrough = [
  { id: 'config', command: 'clusterServing.createConfig' },
  { id: 'doctor', command: 'clusterServing.doctor' },
  { id: 'start', command: 'clusterServing.startJob' },
  { id: 'predict', command: 'clusterServing.openTry' },
];

/** No file name makes a file a config: the language server recognises it by its content. */
function language(id) {
  const editor = { 'editor.insertSpaces': true, 'editor.tabSize': 2, 'editor.formatOnType': true };
  return {
    languages: [
      {
        id,
        aliases: ['Cluster Serving'],
        configuration: './syntaxes/language-configuration.json',
        icon: { light: './media/file-light.svg', dark: './media/file-dark.svg' },
      },
    ],
    grammars: [
      {
        language: id,
        scopeName: 'source.yaml.cluster-serving',
        path: './syntaxes/cluster-serving.tmLanguage.json',
      },
    ],
    configurationDefaults: {
      [`[${id}]`]: {
        ...editor,
        'editor.quickSuggestions': { other: true, comments: false, strings: true },
        // Words of comments and paths are no keys and no values.
        'editor.wordBasedSuggestions': 'off',
      },
    },
  };
}

function tasks(type, actions, { name, pattern, begins, ends }) {
  return {
    taskDefinitions: [
      {
        type,
        required: ['config'],
        properties: {
          config: { type: 'string', description: '%task.config%' },
          action: { type: 'string', enum: actions, default: actions[0], description: '%task.action%' },
        },
        when: 'customExecutionSupported',
      },
    ],
    problemMatchers: [
      {
        name,
        label: '%task.matcher%',
        owner: name,
        source: 'cluster-serving',
        fileLocation: ['autoDetect', '${workspaceFolder}'],
        pattern,
        background: { activeOnStart: true, beginsPattern: begins, endsPattern: ends },
      },
    ],
  };
}

/** The English texts of the manifest: those of the tables, and those that stand only there. */
export function manifestTexts(before, { commands, settings, readingTools, mcpTools }) {
  const texts = Object.fromEntries(
    Object.entries(before).filter(([key]) => !/^(command|setting|tool)\./.test(key)),
  );
  for (const [name, { title }] of Object.entries(commands)) texts[`command.${name}`] = title;
  for (const [name, { description }] of Object.entries(settings)) texts[`setting.${name}`] = description;
  for (const name of readingTools) texts[`tool.${name}`] = mcpTools[name].title;
  return texts;
}

function whenOf({ view, patterns }) {
  return [`view == ${view}`, ...patterns.map((pattern) => `viewItem =~ /${pattern}/`)].join(' && ');
}
