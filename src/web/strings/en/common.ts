/** The words that every page has, in English. */

export const common = {
  'app.name': 'Tandem',
  'settings.title': 'Settings',
  'settings.close': 'Close',
  'settings.theme': 'Theme',
  'settings.theme.system': 'System',
  'settings.theme.light': 'Light',
  'settings.theme.dark': 'Dark',
  'settings.language': 'Language',
  'settings.sound': 'Sound for new messages',
  'settings.notify': 'Notify me on this computer',
  'settings.notify.phone': 'Notify me on this phone',
  'settings.notify.refused': 'Notifications are switched off for this site. Allow them in your browser’s settings.',
  'settings.notify.hidden': 'New message',
  'settings.hide': 'Hide message text',
  'settings.signout': 'Sign out',
} as const
