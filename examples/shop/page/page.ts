import { registerWidgets } from '@sheetflow/widgets'

/** The page of the demo shop: the widgets in `index.html` do the work. */
registerWidgets({ clock: Date.now, random: Math.random })

const THEME = 'theme'

/** Light or dark as the system says, unless the reader has chosen. */
function useTheme(theme: string | null): void {
  if (theme === null) return
  document.documentElement.style.colorScheme = theme
}

function isDark(): boolean {
  const chosen = document.documentElement.style.colorScheme
  return chosen === '' ? matchMedia('(prefers-color-scheme: dark)').matches : chosen === 'dark'
}

useTheme(localStorage.getItem(THEME))
document.querySelector('#theme')?.addEventListener('click', () => {
  const theme = isDark() ? 'light' : 'dark'
  localStorage.setItem(THEME, theme)
  useTheme(theme)
})
