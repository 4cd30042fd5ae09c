import type { ServeMetrics } from '@sheetflow/serve/role/start-serve'

/** The numbers of the serve role, flat: those of graphs carry the graph as a label. */
export function metricsOf({ connections, subscriptions, graphs }: ServeMetrics): Record<string, number> {
  const flat: Record<string, number> = { serve_connections: connections, serve_subscriptions: subscriptions }
  for (const [graph, numbers] of Object.entries(graphs)) {
    flat[`serve_position{graph="${graph}"}`] = numbers.position
    flat[`serve_channels{graph="${graph}"}`] = numbers.channels
    flat[`serve_residual_predicates{graph="${graph}"}`] = numbers.residual
    flat[`serve_ring_bytes{graph="${graph}"}`] = numbers.ringBytes
  }
  return flat
}
