// How the pages of docs/ become a website: npm run docs. Dead links between pages fail the build.
import { defineConfig } from 'vitepress';

const page = (text, name) => ({ text, link: `/${name}` });

export default defineConfig({
  title: 'Cluster Serving',
  description: 'Serve a model through Redis from a config.yaml.',
  outDir: '../.cache/docs',
  cacheDir: '../.cache/vitepress',
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: [
      {
        text: 'Start',
        items: [
          page('Install', 'install'),
          page('Your first model', 'first-model'),
          page('Models', 'models'),
        ],
      },
      { text: 'Clients', items: [page('HTTP', 'http'), page('Queues and dead letters', 'queues')] },
      {
        text: 'Operation',
        items: [
          page('Change without a gap', 'reload'),
          page('Docker, Compose and systemd', 'docker'),
          page('Kubernetes', 'kubernetes'),
          page('On a Flink cluster', 'flink'),
          page('Logs, figures and traces', 'operate'),
          page('Tuning and scaling', 'tuning'),
          page('Security', 'security'),
          page('Kafka', 'kafka'),
          page('Reliability', 'reliability'),
          page('Troubleshooting', 'troubleshooting'),
        ],
      },
      {
        text: 'Editors',
        items: [page('VS Code', 'vscode'), page('Other editors and CI', 'editors'), page('Agents', 'agents')],
      },
      { text: 'Reference', items: [page('config.yaml', 'config'), page('Commands', 'commands')] },
      {
        text: 'Moving here',
        items: [
          page('From BigDL Cluster Serving', 'from-original'),
          page('From TorchServe', 'from-torchserve'),
          page('From Triton', 'from-triton'),
        ],
      },
    ],
  },
});
