-- For whom a hold is: a bound on what one person or key may spend counts what is held for them. The sums
-- that it counts beside are found by these two indexes; they are touched when a day, model or project is
-- new, and not by each charge.
ALTER TABLE open_holds ADD COLUMN user_id {ID};
ALTER TABLE open_holds ADD COLUMN api_key {ID};
CREATE INDEX usage_daily_of_user ON usage_daily (wallet, user_id, day);
CREATE INDEX usage_daily_of_key ON usage_daily (wallet, api_key, day);

-- What the provider charges the holder's own key, as an exact decimal of dollars. Such a charge takes no
-- credits, so its cost is zero; this is for information.
ALTER TABLE charges ADD COLUMN own_cost {TEXT};
