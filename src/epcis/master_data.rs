//! Names of the CBV's master data attributes of trade items, lots and instances: those that `ilmd` has.

use super::event::BARE_MASTER_DATA;

/// The attributes, sorted (CBV 2.0 §9.2, and `productionDate`, which senders use like one).
const ATTRIBUTES: [&str; 34] = [
    "additionalTradeItemID",
    "bestBeforeDate",
    "certificationList",
    "countryOfExport",
    "countryOfOrigin",
    "descriptionShort",
    "dosageFormType",
    "drainedWeight",
    "farmList",
    "firstFreezeDate",
    "functionalName",
    "grossWeight",
    "growingMethodCode",
    "harvestEndDate",
    "harvestStartDate",
    "itemExpirationDate",
    "labelDescription",
    "lotNumber",
    "manufacturerOfTradeItemPartyName",
    "netContentDescription",
    "netWeight",
    "preservationTechniqueCode",
    "productionDate",
    "productionMethodForFishAndSeafoodCode",
    "regulatedProductName",
    "sellByDate",
    "speciesForFisheryStatisticsPurposesCode",
    "speciesForFisheryStatisticsPurposesName",
    "storageStateCode",
    "strengthDescription",
    "tradeItemConditionCode",
    "tradeItemDescription",
    "unloadingPort",
    "vesselCatchInformationList",
];

/// Whether the CBV has an attribute of this name, or events have it without a prefix.
pub fn is_master_data(name: &str) -> bool {
    ATTRIBUTES.binary_search(&name).is_ok() || BARE_MASTER_DATA.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_the_cbv_writes_them() {
        assert!(ATTRIBUTES.is_sorted());
        assert!(ATTRIBUTES.iter().all(|name| is_master_data(name)));
        assert!(!is_master_data("bestbeforedate") && !is_master_data("fw"));
    }
}
