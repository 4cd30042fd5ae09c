import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { GRAPHQL_PATH } from './graphql-handler.ts'
import { send } from './http-server.ts'
import type { HttpHandler } from './http-server.ts'

/** Files of the explorer (GraphiQL and React as they are published, UMD builds) and the token it asks with. Nothing is fetched from elsewhere. */
export interface ExplorerOptions {
  readonly graphiqlJs: string | URL
  readonly graphiqlCss: string | URL
  readonly reactJs: string | URL
  readonly reactDomJs: string | URL
  /** A development token, put into the page. */
  readonly token: string | null
}

const ASSETS = '/graphql/assets/'
const SCRIPT = 'text/javascript; charset=utf-8'

/** The GraphQL explorer at `GET /graphql`, for browsers, in development. */
export function graphiqlHandler(options: ExplorerOptions): HttpHandler {
  const files = new Map<string, readonly [file: string | URL, type: string]>([
    ['react.js', [options.reactJs, SCRIPT]],
    ['react-dom.js', [options.reactDomJs, SCRIPT]],
    ['graphiql.js', [options.graphiqlJs, SCRIPT]],
    ['graphiql.css', [options.graphiqlCss, 'text/css; charset=utf-8']],
  ])
  const page = pageText(options.token)
  return async (request, response, url) => {
    if (request.method !== 'GET') return false
    if (url.pathname === GRAPHQL_PATH) send(response, 200, 'text/html; charset=utf-8', page, { 'cache-control': 'no-store' })
    else if (url.pathname.startsWith(ASSETS)) return sendAsset(response, files.get(url.pathname.slice(ASSETS.length)))
    else return false
    return true
  }
}

async function sendAsset(response: ServerResponse, asset: readonly [file: string | URL, type: string] | undefined): Promise<boolean> {
  if (asset === undefined) return false
  send(response, 200, asset[1], await readFile(asset[0]), { 'cache-control': 'public, max-age=3600' })
  return true
}

/** `<` is escaped, so that nothing in the token can end the script. */
function pageText(token: string | null): string {
  const headers = JSON.stringify(token === null ? {} : { authorization: `Bearer ${token}` }).replaceAll('<', '\\u003c')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Sheetflow: GraphQL explorer</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${ASSETS}graphiql.css">
<style>html, body, #explorer { height: 100%; margin: 0 }</style>
</head>
<body>
<div id="explorer">Loading…</div>
<script src="${ASSETS}react.js"></script>
<script src="${ASSETS}react-dom.js"></script>
<script src="${ASSETS}graphiql.js"></script>
<script>
const fetcher = GraphiQL.createFetcher({ url: '${GRAPHQL_PATH}', headers: ${headers} })
ReactDOM.createRoot(document.getElementById('explorer')).render(
  React.createElement(GraphiQL, { fetcher, defaultEditorToolsVisibility: true }),
)
</script>
</body>
</html>
`
}
