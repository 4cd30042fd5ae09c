import type { ServeMetrics } from '@sheetflow/serve/role/start-serve'

/** The numbers of the serve role, flat: those of graphs carry the graph's name. */
export function metricsOf({ connections, subscriptions, graphs }: ServeMetrics): Record<string, number> {
  const flat: Record<string, number> = { serve_connections: connections, serve_subscriptions: subscriptions }
  for (const [graph, numbers] of Object.entries(graphs)) {
    flat[`serve_position_${graph}`] = numbers.position
    flat[`serve_channels_${graph}`] = numbers.channels
    flat[`serve_residual_predicates_${graph}`] = numbers.residual
    flat[`serve_ring_bytes_${graph}`] = numbers.ringBytes
  }
  return flat
}
