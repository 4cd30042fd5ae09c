import { createRequire } from 'node:module'
import path from 'node:path'
import { graphiqlHandler } from '@sheetflow/serve/http/graphiql-handler'
import { send, type HttpHandler } from '@sheetflow/serve/http/http-server'
import { isLoopback } from '../roles/loopback.ts'

const require = createRequire(import.meta.url)

/**
 * The GraphQL explorer of dev. Its page carries the dev token, so it is given to this machine's own names only: another name that leads here
 * (DNS rebinding) gets nothing.
 */
export function explorerHandler(token: string | null): HttpHandler {
  const explorer = graphiqlHandler({
    graphiqlJs: packaged('graphiql', 'graphiql.min.js'),
    graphiqlCss: packaged('graphiql', 'graphiql.min.css'),
    reactJs: packaged('react', 'umd/react.production.min.js'),
    reactDomJs: packaged('react-dom', 'umd/react-dom.production.min.js'),
    token,
  })
  return (request, response, url) => {
    if (token === null || isLoopback(request.headers.host)) return explorer(request, response, url)
    if (request.method !== 'GET' || !url.pathname.startsWith('/graphql')) return false
    send(response, 403, 'text/plain; charset=utf-8', 'only for this machine\n')
    return true
  }
}

/** A file that a package carries, but names no entry for. */
function packaged(name: string, file: string): string {
  return path.join(path.dirname(require.resolve(`${name}/package.json`)), file)
}
