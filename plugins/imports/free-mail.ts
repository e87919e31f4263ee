/** Domains of mail services that anyone may use: an address there says nothing about an employer (decision 40). */
export const FREE_MAIL_DOMAINS: ReadonlySet<string> = new Set([
  '126.com', '139.com', '163.com', 'aim.com', 'aol.com', 'bigpond.com', 'bluewin.ch', 'btinternet.com', 'comcast.net',
  'cox.net', 'fastmail.com', 'foxmail.com', 'free.fr', 'gmail.com', 'gmx.at', 'gmx.ch', 'gmx.com', 'gmx.de', 'gmx.net',
  'googlemail.com', 'hey.com', 'hotmail.co.uk', 'hotmail.com', 'hotmail.de', 'hotmail.es', 'hotmail.fr', 'hotmail.it',
  'icloud.com', 'inbox.com', 'laposte.net', 'libero.it', 'live.co.uk', 'live.com', 'live.fr', 'live.nl', 'mac.com',
  'mail.com', 'mail.ru', 'me.com', 'msn.com', 'naver.com', 'orange.fr', 'outlook.com', 'outlook.de', 'outlook.fr',
  'pm.me', 'proton.me', 'protonmail.com', 'qq.com', 'rediffmail.com', 'rocketmail.com', 'sbcglobal.net', 'sfr.fr',
  'sina.com', 't-online.de', 'talktalk.net', 'tutanota.com', 'uol.com.br', 'verizon.net', 'wanadoo.fr', 'web.de',
  'yahoo.ca', 'yahoo.co.in', 'yahoo.co.jp', 'yahoo.co.uk', 'yahoo.com', 'yahoo.com.br', 'yahoo.de', 'yahoo.es',
  'yahoo.fr', 'yahoo.it', 'yandex.com', 'yandex.ru', 'ymail.com', 'zoho.com',
]);
