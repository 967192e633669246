// Names that would run as script on a page that writes them down carelessly. Each says what it is the name of, so that
// one can tell on which pages it was.

export const probe = (kind) => `"'><img src=x data-probe=${kind} onerror=__ran=1>`;

// The kinds that stand in the text of a page or in a field.
export const kindsIn = (text) => [...text.matchAll(/data-probe=([a-z]+) onerror/g)].map(([, kind]) => kind);

// Addresses that come back in the page that they ask for.
const typed = encodeURIComponent(probe('typed'));
export const REFLECTING = (...bases) => [
  `/sign-in?next=${typed}`,
  `/sign-in?next=/${typed}`,
  `/device?code=${typed}`,
  `/organizations/${typed}`,
  `/invitations/${typed}`,
  `/sandbox/setups/${typed}`,
  `/sandbox/payments/${typed}`,
  `/operator?text=${typed}`,
  `/operator/audit?action=${typed}&from=${typed}&until=${typed}`,
  `/operator/wallets/${typed}`,
  ...bases.flatMap((base) => [
    `${base}/credits?amount=${typed}&other=${typed}&card=${typed}`,
    `${base}/credits/pay?amount=other&other=${typed}&card=new`,
    `${base}/credits/${typed}`,
    `${base}/usage?days=${typed}&only=${typed}`,
    `${base}/invoices?kind=${typed}&from=${typed}&until=${typed}`,
    `${base}/invoices/${typed}`,
    `${base}/auto-top-up/on?amount=${typed}&threshold=${typed}&monthly_cap=${typed}`,
    `${base}/members?cursor=${typed}`,
    `${base}/audit?action=${typed}&from=${typed}&until=${typed}`,
  ]),
];
