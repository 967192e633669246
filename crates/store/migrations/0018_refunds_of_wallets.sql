-- Version 18: the refunds of a wallet, newest first, and those of the payments on a page of its purchases; the same of
-- what banks say about them.
CREATE INDEX card_refunds_of_wallet ON card_refunds (wallet, id);
CREATE INDEX card_refunds_of_purchases ON card_refunds (wallet, payment);
CREATE INDEX contests_of_purchases ON contests (wallet, payment);
