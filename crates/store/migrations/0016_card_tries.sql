-- Version 16: who tried which card, counted against people who try stolen ones.
--
-- A try is a card that is typed (`reference` is the processor's id of it, or ours until that is known) or a payment
-- that somebody asks for (its id). `network` is where they came from, when it was a network. Rows go after two days.
CREATE TABLE card_tries (
    wallet      {ID}    NOT NULL,
    reference   {TEXT}  NOT NULL,
    network     {TEXT},
    tried_at    {COUNT} NOT NULL,
    is_declined {COUNT} CHECK (is_declined IN (0, 1)),
    PRIMARY KEY (wallet, reference)
) {CLUSTERED};
CREATE INDEX card_tries_of_network ON card_tries (network, tried_at) WHERE network IS NOT NULL;
CREATE INDEX card_tries_by_time ON card_tries (tried_at);
