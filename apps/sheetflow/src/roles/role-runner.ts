import type { Role, RunRole } from '../runtime/role.ts'

/** What a role's thread runs. */
export async function roleRunner(role: Role): Promise<RunRole> {
  switch (role.kind) {
    case 'capture': {
      const { runCaptureRole } = await import('./capture.ts')
      return (context) => runCaptureRole(context, role.source)
    }
    case 'graph': {
      const { runGraphRole } = await import('./graph.ts')
      return (context) => runGraphRole(context, role.graph)
    }
    case 'store': {
      const { runStoreRole } = await import('./store.ts')
      return (context) => runStoreRole(context, role.store)
    }
    case 'serve': {
      const { runServeRole } = await import('./serve.ts')
      return runServeRole
    }
  }
}
