/** What somebody who looks is told: to open the page (of `rows` rows it sees the first `sees`), to note the moments of the updates from one on, to say them when all have been shown. */
export type ViewerTask =
  | {
      readonly kind: 'open'
      readonly url: string
      readonly token: string
      readonly query: string
      readonly rows: number
      readonly sees: number
    }
  | { readonly kind: 'start'; readonly from: number }
  | { readonly kind: 'shown'; readonly end: number }

export interface ViewerAnswer {
  /** When each update was shown, by `sharedMs`. */
  readonly shown: readonly number[]
}
